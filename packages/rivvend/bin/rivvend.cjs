#!/usr/bin/env node
// Durable appends wait for the disk in Node's thread pool. Its size counts only when it is set before the first use, which
// an ES module's own loading would be: 16 threads store 27,000 small group commits a second, 4 store 16,000.
process.env.UV_THREADPOOL_SIZE ??= '16'
import('../dist/rivvend.js')
