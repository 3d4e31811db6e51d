/** The names of the routes that one method serves: classes inherit it. Each is made once, for every stream keeps its own. */
export class RouteNames {
  readonly #method: string;
  readonly #names = new WeakMap<Function, string>();

  constructor(method: string | symbol) {
    this.#method = String(method);
  }

  /** `Controller.method`. */
  of(controller: Function): string {
    let name = this.#names.get(controller);
    if (name === undefined) {
      name = `${controller.name}.${this.#method}`;
      this.#names.set(controller, name);
    }
    return name;
  }
}
