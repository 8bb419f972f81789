-- name: archiving_fails
SELECT last_failed_wal, (extract(epoch FROM coalesce(last_archived_time, stats_reset)) * 1000)::bigint AS archived_at_ms
FROM pg_stat_archiver
WHERE last_failed_time > coalesce(last_archived_time, '-infinity') AND current_setting('archive_mode') <> 'off'
