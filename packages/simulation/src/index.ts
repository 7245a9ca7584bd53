export { makePlan, makeStorm, type PlanChoices } from './plan/make-plan.js'
export { type FaultKind, faultKinds, type Plan } from './plan/plan.js'
export { loadModules } from './run/load-modules.js'
export { type Outcome, runPlan } from './run/run-plan.js'
