import { backplaneContract } from './backplane-contract.js';
import { SharedLog } from './support/shared-log.js';

let log = new SharedLog();

backplaneContract('a log that several processes share', {
  members: 2,
  reset: () => {
    log = new SharedLog();
  },
  join: () => log.member(),
  settled: () => log.settled(),
});
