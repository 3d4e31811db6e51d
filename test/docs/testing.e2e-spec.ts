// The examples of the page on testing are tests themselves.
import './examples/order-import.source.js';
import './examples/orders.stream.js';
import './examples/units.stream.js';
