export { type Rivven, type RivvenOptions, startRivven } from './start-rivven.js'
