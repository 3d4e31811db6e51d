import { backplaneContract } from '../../test/channel/backplane-contract.js';
import { MemoryBackplane } from './memory-backplane.js';

backplaneContract('the memory of a process', {
  members: 1,
  reset: () => {},
  join: () => new MemoryBackplane(),
  settled: async () => {},
});
