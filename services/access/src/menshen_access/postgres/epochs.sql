-- name: begin_epoch
UPDATE site SET epoch = greatest(epoch + 1, $2) WHERE site = $1 RETURNING epoch
