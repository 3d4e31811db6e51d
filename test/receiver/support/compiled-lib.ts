import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from '@swc/core';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The rooms of the receiver as JavaScript, for processes that run without Jest. */
export class CompiledLib {
  private constructor(private readonly directory: string) {}

  static async build(): Promise<CompiledLib> {
    const directory = await mkdtemp(join(tmpdir(), 'sse-receiver-'));
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    for (const room of ['protocol', 'receiver']) await compileRoom(join(root, 'lib', room), join(directory, room));
    return new CompiledLib(directory);
  }

  /**
   * A program that may use `SseReceiverService`, or what else is imported, and `url`, the first argument that it is run with.
   *
   * @param names what it imports, from `module` of the compiled lib
   */
  async program(
    name: string,
    source: string,
    { names = 'SseReceiverService', module = 'receiver/index.js' } = {},
  ): Promise<string> {
    const from = pathToFileURL(join(this.directory, module)).href;
    const file = join(this.directory, `${name}.js`);
    await writeFile(file, `import { ${names} } from '${from}';\nconst url = process.argv[2];\n${source}`);
    return file;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

async function compileRoom(from: string, to: string): Promise<void> {
  for (const file of await readdir(from, { recursive: true })) {
    if (!file.endsWith('.ts') || file.endsWith('spec.ts')) continue;
    const { code } = await transform(await readFile(join(from, file), 'utf8'), {
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
      module: { type: 'es6' },
    });
    const target = join(to, file.replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, code);
  }
}
