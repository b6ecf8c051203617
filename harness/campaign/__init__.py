"""Long runs that survive every interruption: seeded shards, a journal of them, and their report.

`make_plan` turns what the user asked for into a `plan`, which is cut into shards. A
`campaign.Runner` gives each shard, with `feedback` from earlier ones (`steer`), to one of the
`executors`. There `isolated.run(task)` has it judged in a process of its own (`shard`, `tally`,
`coverage`, `versions`), watched for `implementations.side_effects`. The result depends on the plan
and on earlier shards alone, and the `journal` commits it once (`open_journal`, `check_journal`).

The `report` follows from the committed results in the order of shards (`result`, `investigate`): it
is the same however often the campaign was killed. `progress`, `terminal`, `page` with its `charts`,
and `export` show it. `actions` are what the command line does with all of this.
"""
