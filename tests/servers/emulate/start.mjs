// Starts the emulated services that the first line of standard input names, and ends with standard input.
// That line: {"seed": {...}, "services": {"google": {"port": 1, "baseUrl": "http://..."}, ...}}
import { createInterface } from "node:readline";
import { createEmulator } from "emulate";

const lines = createInterface({ input: process.stdin });
lines.once("line", async (line) => {
  const { seed, services } = JSON.parse(line);
  for (const [service, { port, baseUrl }] of Object.entries(services)) {
    await createEmulator({ service, port, baseUrl, hostname: "127.0.0.1", seed });
  }
  console.log("ready");
});
lines.once("close", () => process.exit(0));
