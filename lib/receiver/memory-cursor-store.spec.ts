import { cursorStoreContract } from '../../test/receiver/cursor-store-contract.js';
import { MemoryCursorStore } from './memory-cursor-store.js';

let store: MemoryCursorStore;

cursorStoreContract('MemoryCursorStore', {
  reset() {
    store = new MemoryCursorStore();
  },
  open: () => store,
});
