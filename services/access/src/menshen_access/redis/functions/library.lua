redis.register_function('menshen_commit_v1', commit)
redis.register_function('menshen_event_v1', event)
redis.register_function{ function_name = 'menshen_read_v1', callback = read, flags = { 'no-writes' } }
redis.register_function('menshen_begin_v1', begin)
redis.register_function('menshen_ready_v1', ready)
redis.register_function('menshen_put_records_v1', put_records)
redis.register_function('menshen_put_document_v1', put_document)
redis.register_function('menshen_put_places_v1', put_places)
redis.register_function('menshen_forgive_v1', forgive)
