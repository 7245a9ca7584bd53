export { type Instrumentation, type InstrumentationOptions, instrumentRivven } from './instrument.js'
export { processContext } from './process-contexts.js'
