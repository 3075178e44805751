package queue

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/platform/follow"
)

// tableKey is the key of the table with the holders of the shards.
const tableKey = "shards"

// view is the state of the group as a session has seen it. The lock of the holder guards it.
type view struct {
	own      string
	listed   bool
	members  map[string]member
	gone     map[string]bool // Sessions whose lease has ended, which is final.
	table    table
	revision uint64 // Of the table; 0 if there is none.
}

// member is the lease of a session as last seen.
type member struct {
	seen     time.Time // On the clock of this process.
	revision uint64
}

func newView(own string) *view {
	return &view{own: own, members: map[string]member{}, gone: map[string]bool{}}
}

// see records an entry of the bucket, and reports whether it changes the live sessions or the
// table; a renewal changes neither. It ignores entries of other groups.
func (v *view) see(m follow.Message, prefix string) (changed bool, err error) {
	key, found := strings.CutPrefix(m.Subject, prefix)
	if !found {
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
	if m.Deleted {
		delete(v.members, session)
		return known, nil
	}
	v.members[session] = member{time.Now(), m.Revision}
	return !known, nil
}

func (v *view) seeTable(m follow.Message) (changed bool, err error) {
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

// complete ends a list that began at the given time: sessions that were not on the list are gone.
func (v *view) complete(began time.Time) {
	maps.DeleteFunc(v.members, func(_ string, m member) bool { return m.seen.Before(began) })
	v.listed = true
}

// live returns the newest session of each replica that was seen within the given age.
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

// replica returns the replica of a session.
func replica(session string) string { return session[:max(0, strings.LastIndexByte(session, '.'))] }

// replicas returns the names of the live replicas in order.
func replicas(live map[string]string) []string { return slices.Sorted(maps.Keys(live)) }
