"""Long runs that nothing can stop: seeded shards, a journal of those that are done, and what they add up to.

A plan is cut into shards. `isolated.run(task)` turns a shard into a result that depends on the plan and on earlier shards alone; the
journal commits each result once. What a report says follows from the committed results in the order of shards: it is the same
however often the campaign was killed.
"""
