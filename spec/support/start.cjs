// `npm start`: installs what is missing, builds what is old, and opens the program on the folder the person stood in.
// Written for any Node, so that an old one gets a sentence and not a syntax error.
var wanted = [20, 19]
var found = process.versions.node.split('.').map(Number)
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    'Drydock needs Node ' +
      wanted.join('.') +
      ' or newer; this is Node ' +
      process.versions.node +
      '. Install a newer one and try again.',
  )
  process.exit(2)
}

var path = require('node:path')
var child = require('node:child_process')
var prepare = require('./prepare.cjs')

try {
  prepare.installMissing()
  prepare.buildWhenOld()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

var agent = child.spawn(process.execPath, [path.join(prepare.root, 'bin', 'agent')].concat(process.argv.slice(2)), {
  stdio: 'inherit',
  cwd: process.env.INIT_CWD || process.cwd(),
})
// The terminal sends its signals to the program as well: it decides, we wait for it.
for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, function () {})
for (const signal of ['SIGTERM', 'SIGHUP'])
  process.on(signal, function () {
    agent.kill(signal)
  })
agent.on('exit', function (code, signal) {
  if (signal) process.kill(process.pid, signal)
  else process.exitCode = code
})
