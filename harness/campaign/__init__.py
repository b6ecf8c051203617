"""Long runs that nothing can stop: seeded shards, a journal of those that are done, and what they add up to.

`begin` makes a `plan` of what was asked for; the plan is cut into shards. `campaign.Runner` hands each, with what earlier ones taught
(`learned`, `steer`), to one of the `executors`, where `isolated.run(task)` has it judged in a process of its own (`shard`, `watch`,
`tally`, `coverage`, `versions`). The result depends on the plan and on earlier shards alone; the `journal` commits it once (`access`
opens journals, `intact` looks at them first). What a `report` says follows from the committed results in the order of shards (`result`,
`examine`): it is the same however often the campaign was killed. `progress`, `terminal`, `page` with its `charts`, and `export` show it;
`actions` are what the command line does with all of this.
"""
