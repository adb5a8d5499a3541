export { backendChoices, type BackendChoice, type BackendOptions } from './choices.js';
export { backendsOf, devices } from './devices.js';
export { openBackend } from './open-backend.js';
export {
  defaultOrder,
  describeBackends,
  pickBackend,
  type BackendFinding,
  type UnavailableBackend,
  type PickedBackend,
} from './pick-backend.js';
