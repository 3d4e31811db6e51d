// For the other rooms of this package; not part of what it exports.

export { pause } from './waiting.js';
