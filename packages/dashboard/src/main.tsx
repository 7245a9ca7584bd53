import { render } from 'preact'
import { followAddress } from './route/location.js'
import { App } from './shell/app.js'
import { beginTheme } from './shell/theme.js'
import { beginMoments } from './world/moment.js'

beginTheme()
followAddress()
beginMoments()
const root = document.getElementById('app')
if (root) render(<App />, root)
