#!/usr/bin/env node
import '../dist/rivvenctl.js'
