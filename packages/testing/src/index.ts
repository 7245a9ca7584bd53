export { RivvenTestingError } from './rivven-testing-error.js'
export { type Rivven, type RivvenOptions, startRivven } from './start-rivven.js'
