// The least that a Node program does as a terminal agent: it shows what is typed, and on Enter the words of one answer as
// they come. The screen's figures stand beside its own.
process.stdin.setRawMode(true)
process.stdout.write('drydock floor › ')
process.stdin.on('data', (keys) => {
  if (!keys.includes('\r')) return void process.stdout.write(keys)
  const [, , url] = process.argv
  require('node:http')
    .request(
      `${url}/chat/completions`,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (answer) => {
        let rest = ''
        answer.setEncoding('utf8').on('data', (text) => {
          const lines = (rest + text).split('\n')
          rest = lines.pop()
          for (const line of lines)
            if (line.startsWith('data: {'))
              process.stdout.write((JSON.parse(line.slice(6)).choices[0]?.delta.content ?? '').replaceAll('\n', '\r\n'))
        })
      },
    )
    .end(JSON.stringify({ model: 'floor', stream: true, messages: [{ role: 'user', content: 'begin' }] }))
})
