// npm run bench [-- --backend gpu] [-- --json] [-- --case NAME]… [-- --threads N]…: times the cases of bench/cases.ts.
// `npm run --silent` leaves standard output to the report.
import { runCommand } from "./command.js";

await runCommand(import.meta.url, "npm run --silent bench --", "cpu");
