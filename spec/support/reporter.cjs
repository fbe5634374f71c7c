const { writeFileSync } = require('node:fs')
const { reporters } = require('mocha')

/** mocha's own listing, and the counts written to the file that COUNTS_FILE names, for spec/support/test.mjs. */
module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats
      writeFileSync(process.env.COUNTS_FILE, JSON.stringify({ passes, failures, pending }))
    })
  }
}
