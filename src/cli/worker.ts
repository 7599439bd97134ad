import { Option, type Command } from "commander";
import { StoppedRun, type CommandIo } from "./command-io.js";
import { addQueueName, positiveNumber, redisAddress, wholeNumber } from "./options.js";

interface Options {
  readonly queue: string;
  readonly queueName?: string;
  readonly threads?: number;
  readonly patience: number;
  readonly kernels?: "fused" | "plain";
}

/** lather worker: computes for `lather fit --cluster` and its like on other machines. */
export function addWorkerCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("worker")
    .summary("compute for commands with --cluster on other machines")
    .description("Takes jobs of `lather fit`, `predict` and `features --cluster` from a queue in Redis, until it is stopped. Needs the npm packages bullmq and ioredis.")
    .addOption(new Option("--queue <url>", "Redis with the queue: redis://user:password@host:6379, or rediss:// for TLS").env("LATHER_QUEUE").makeOptionMandatory())
    .option("--threads <n>", "worker threads (default: one per core)", wholeNumber)
    .option("--patience <seconds>", "without a sign of life for so long, others take this worker's jobs", positiveNumber, 10)
    .addOption(new Option("--kernels <build>", "\"plain\" for programs whose engine has no fused multiply-add, as the library in Node 20").choices(["fused", "plain"]));
  addQueueName(command)
    .addHelpText("after", `
Any number of workers may come and go while jobs run; what one that dies was doing is done by others, and results are the same to the bit. Workers and
the command need the same version of Lather and of Node. A worker runs tasks of Lather alone, nothing that comes through the queue, and refuses
and reports jobs that are none. Who can write to the Redis can still use its time and give wrong results: protect it by a password
(LATHER_REDIS_PASSWORD says it out of sight) and, beyond a network of your own, by TLS (NODE_EXTRA_CA_CERTS for a certificate of your own).

Examples:
  lather worker --queue redis://head:6379
  lather fit --train train.xyz --model silicon.json --cluster redis://head:6379`)
    .action((options: Options) => runWorker(options, io));
}

async function runWorker({ queue, queueName, threads, patience, kernels }: Options, io: CommandIo): Promise<void> {
  const { runClusterWorker } = await import("../cluster/index.js");
  const log = (text: string): void => void io.stderr.write(`lather: ${text}\n`);
  await runClusterWorker({ redis: redisAddress(queue), queue: queueName, threads, patience, kernels, signal: io.signal, log });
  throw new StoppedRun("stopped working");
}
