package queue

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/engine/store"
)

// tableKey is where a group keeps who holds its shards.
const tableKey = "shards"

// view is what a session has seen of its group. The lock of the holder guards it.
type view struct {
	own      string
	listed   bool
	members  map[string]member
	gone     map[string]bool // Sessions whose lease is known to have ended. It never comes back.
	table    table
	revision uint64 // Of the table; 0 if there is none.
}

// member is the lease of a session as last seen.
type member struct {
	seen     time.Time // On our own clock.
	revision uint64
}

func newView(own string) *view {
	return &view{own: own, members: map[string]member{}, gone: map[string]bool{}}
}

// see takes note of an entry of the bucket, and tells whether that changes who is
// there or who holds what: a lease that is renewed does not. Entries of other groups
// are passed over.
func (v *view) see(m store.Message, prefix string) (news bool, err error) {
	key, ours := strings.CutPrefix(m.Subject, prefix)
	if !ours {
		return false, nil
	}
	if key == tableKey {
		return v.seeTable(m)
	}
	session, ok := strings.CutPrefix(key, "member.")
	if !ok {
		return false, nil
	}
	_, known := v.members[session]
	if m.Gone {
		delete(v.members, session)
		return known, nil
	}
	v.members[session] = member{time.Now(), m.Revision}
	return !known, nil
}

func (v *view) seeTable(m store.Message) (news bool, err error) {
	if m.Revision < v.revision {
		return false, nil
	}
	t, err := decodeTable(m.Data)
	if err != nil {
		return false, err
	}
	v.table, v.revision = t, m.Revision
	return true, nil
}

// complete ends a list that began at the given time: who was not on it is gone.
func (v *view) complete(began time.Time) {
	maps.DeleteFunc(v.members, func(_ string, m member) bool { return m.seen.Before(began) })
	v.listed = true
}

// live returns the newest session of each replica that was seen within the age.
func (v *view) live(age time.Duration) map[string]string {
	newest := map[string]string{replica(v.own): v.own}
	for session, m := range v.members {
		if time.Since(m.seen) > age {
			continue
		}
		other, ok := newest[replica(session)]
		if !ok || other != v.own && v.members[other].revision < m.revision {
			newest[replica(session)] = session
		}
	}
	return newest
}

// replica is whose session it is.
func replica(session string) string { return session[:max(0, strings.LastIndexByte(session, '.'))] }

// replicas are the names of those who live, in order.
func replicas(live map[string]string) []string { return slices.Sorted(maps.Keys(live)) }
