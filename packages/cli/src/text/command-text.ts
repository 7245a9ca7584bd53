// The doctor suggests commands, too, and lies below.
export { commandText } from '@rivven/doctor'
