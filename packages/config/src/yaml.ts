// What is loaded late is a module of ours: a bundler knows the names in a static import of the package, which is CommonJS.
export { parse } from 'yaml'
