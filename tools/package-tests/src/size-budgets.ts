/**
 * The most that each package may weigh, packed, in kB (1000 bytes): what npm downloads. About a fifth above the size of December 2026.
 * A package that needs more gets a higher number here, in the change that makes it grow and says why.
 */
export const packedBudgets: Readonly<Record<string, number>> = {
  'backend-onnx': 130,
  'backend-tfjs': 120,
  backends: 20,
  browser: 5000,
  datasets: 200,
  'fashion-vit': 1000,
  'flop-counter': 25,
  'importance-estimators': 55,
  patchslim: 190,
  report: 80,
  slimming: 350,
  'slimming-schedules': 65,
  tensor: 250,
  'token-reducers': 70,
  training: 40,
  'vit-models': 620,
};

/** What is wrong with the packed size of a package; undefined when it is within its budget. */
export function budgetProblem(id: string, packed: number): string | undefined {
  const kilobytes = packedBudgets[id];
  if (kilobytes === undefined) return `${id} has no budget: add a line to src/size-budgets.ts`;
  if (packed <= 1000 * kilobytes) return undefined;
  return `${id} has ${Math.ceil(packed / 1000)} kB packed; its budget is ${kilobytes} kB (src/size-budgets.ts)`;
}
