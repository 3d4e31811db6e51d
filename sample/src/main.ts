import 'reflect-metadata';
import { runCluster } from './cluster/run-cluster.js';
import { serve } from './serve.js';
import { readSettings } from './settings.js';
import { watch } from './watch.js';

const [command, url] = process.argv.slice(2);
try {
  const settings = readSettings(process.env);
  if (command === 'watch') await watch(url ?? `http://127.0.0.1:${settings.port}/machine`);
  else if (command === 'cluster') await runCluster(settings);
  else await serve(settings);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
