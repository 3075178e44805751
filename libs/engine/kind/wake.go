package kind

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/store"
)

// WakeReferred wakes the resource that a record of another service named, once
// that record is gone: what was held for it may go on.
func WakeReferred(foreign *store.Bucket, noun Noun, field protoreflect.Name) queue.Wake {
	return queue.Wake{Bucket: foreign, Keys: func(change store.Change) []string {
		if change.Record != nil || change.Before == nil {
			return nil
		}
		key, err := noun.Key(named(*change.Before, field))
		if err != nil {
			return nil
		}
		return []string{key}
	}}
}

// WakeReferrers wakes the records that name a resource of another service
// whenever that changes: what they waited for may be there.
func WakeReferrers(foreign *store.Bucket, noun Noun, referrers *Referrers) queue.Wake {
	return queue.Wake{Bucket: foreign, Keys: func(change store.Change) []string {
		return referrers.Keys(noun.Name(change.Key))
	}}
}
