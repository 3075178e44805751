package aws

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// global is the region of what belongs to no region.
const global = "global"

// kind describes one kind of thing. There is one package variable for each, made by register.
type kind[T thing] struct {
	service string // the SDK's service id
	name    string // as in the ledger and World.String: "NatGateway"
	noun    string // as in AWS's refusals: "vpc ID"
	prefix  string // of ids: "vpc" for vpc-0123456789abcdef0; "" when ids are names or ARNs
	tagged  string // EC2's resource type for tags; "" when EC2 cannot tag it

	missing   string // code when there is none of that id: "InvalidVpcID.NotFound"
	malformed string // code when an id cannot be one: "InvalidVpcID.Malformed"

	global bool // kept for an account, not for a region
	shared bool // kept for all accounts
	hidden bool // bookkeeping: neither in the ledger nor in World.String
}

// register makes a kind known to the journal, the ledger, the tags and World.String.
func register[T thing](k kind[T]) *kind[T] {
	if _, twice := kinds[k.name]; twice {
		panic(fmt.Sprintf("awssim: kind %s is registered twice", k.name))
	}
	kinds[k.name] = &k
	return &k
}

// anyKind is a kind as seen by what serves all of them.
type anyKind interface {
	title() string
	tagType() string
	secret() bool
	find(w *World, s scope, id string) (*meta, string)
	each(w *World, s scope, visit func(m *meta, t thing))
	save(c *call, id string)
	replay(w *World, s scope, ch change) error
}

var kinds = map[string]anyKind{}

// table holds the things of one kind in one scope.
type table[T thing] struct {
	byID    map[string]*row[T]
	ordered []*row[T] // as created
	owned   map[string][]*row[T]
	ownerOf map[string]string
}

func (k *kind[T]) title() string   { return k.name }
func (k *kind[T]) tagType() string { return k.tagged }
func (k *kind[T]) secret() bool    { return k.hidden }

// scope is where a call finds things of this kind.
func (k *kind[T]) scope(c *call) scope {
	switch {
	case k.shared:
		return scope{}
	case k.global:
		return scope{c.Account, global}
	}
	return scope{c.Account, c.Region}
}

// in is the table of a scope.
func (k *kind[T]) in(w *World, s scope) *table[T] {
	at := shelf{k.name, s}
	t, ok := w.tables[at].(*table[T])
	if !ok {
		t = &table[T]{byID: map[string]*row[T]{}, owned: map[string][]*row[T]{}, ownerOf: map[string]string{}}
		w.tables[at] = t
	}
	return t
}

// create makes a thing and keeps it. An empty id is replaced by a fresh one with the prefix of the kind. Callers that
// change the row afterwards put it.
func (k *kind[T]) create(c *call, id string, data T, tags map[string]string) *row[T] {
	c.w.seq++
	if id == "" {
		id = k.prefix + "-0" + c.serial(k.prefix, 16)
	}
	r := &row[T]{meta: meta{ID: id, Seq: c.w.seq, Tags: tags, CreatedAt: c.now(), CreatedBy: c.Principal}, Data: data}
	k.put(c, r)
	return r
}

// serial is n hexadecimal digits that no other thing has.
func (c *call) serial(sort string, n int) string {
	id := c.w.uuid(sort, c.w.seq)
	return fmt.Sprintf("%x", id[:])[:n]
}

// put keeps a thing as it is now.
func (k *kind[T]) put(c *call, r *row[T]) {
	s := k.scope(c)
	k.in(c.w, s).put(r)
	if !k.hidden {
		c.w.ledger.note(k.name, s, &r.meta, nameOf(&r.meta, r.Data))
	}
	if c.w.journal != nil {
		c.changes = append(c.changes, change{Kind: k.name, scope: s, Put: encode(r)})
	}
}

// delete ends a thing at once and for good. What is to stay visible sets DeletedAt and GoneAt instead, and is put.
func (k *kind[T]) delete(c *call, r *row[T]) {
	s := k.scope(c)
	k.in(c.w, s).drop(r)
	r.DeletedAt = c.now()
	if !k.hidden {
		c.w.ledger.note(k.name, s, &r.meta, nameOf(&r.meta, r.Data))
	}
	c.changes = append(c.changes, change{Kind: k.name, scope: s, Delete: r.ID, At: c.now()})
}

var hexadecimal = regexp.MustCompile(`^([0-9a-f]{8}|[0-9a-f]{17})$`)

// get finds a thing by id, or refuses. Reads do not find what is younger than the lag.
func (k *kind[T]) get(c *call, id *string) (*row[T], error) {
	if id == nil || *id == "" {
		return nil, missing(k.noun)
	}
	if k.prefix != "" {
		if rest, ok := strings.CutPrefix(*id, k.prefix+"-"); !ok || !hexadecimal.MatchString(rest) {
			return nil, refuse(cmp.Or(k.malformed, k.missing), "Invalid id: %q", *id)
		}
	}
	r, ok := k.in(c.w, k.scope(c)).byID[*id]
	if !ok || !k.visible(c, r) {
		return nil, refuse(k.missing, "The %s '%s' does not exist", k.noun, *id)
	}
	return r, nil
}

// has says whether a thing of that id exists and is not deleted.
func (k *kind[T]) has(c *call, id string) bool {
	r, ok := k.in(c.w, k.scope(c)).byID[id]
	return ok && !r.deleted(c.now())
}

func (k *kind[T]) visible(c *call, r *row[T]) bool {
	if r.gone(c.now()) {
		return false
	}
	return c.Mutating || !c.now().Before(r.CreatedAt.Add(c.w.span(c.w.options.Lag)))
}

// list is everything of this kind where the call is, in order of creation, deleted things that are still visible included.
func (k *kind[T]) list(c *call) []*row[T] {
	return k.seen(c, k.in(c.w, k.scope(c)).ordered)
}

// of is what lives in the owner and is not deleted, in order of creation.
func (k *kind[T]) of(c *call, owner string) []*row[T] {
	return slices.DeleteFunc(k.seen(c, k.in(c.w, k.scope(c)).owned[owner]), func(r *row[T]) bool { return r.deleted(c.now()) })
}

func (k *kind[T]) seen(c *call, rows []*row[T]) []*row[T] {
	seen := make([]*row[T], 0, len(rows))
	for _, r := range rows {
		if k.visible(c, r) {
			seen = append(seen, r)
		}
	}
	return seen
}

func (k *kind[T]) find(w *World, s scope, id string) (*meta, string) {
	r, ok := k.in(w, s).byID[id]
	if !ok || r.gone(w.now()) {
		return nil, ""
	}
	return &r.meta, nameOf(&r.meta, r.Data)
}

func (k *kind[T]) each(w *World, s scope, visit func(*meta, thing)) {
	for _, r := range k.in(w, s).ordered {
		if !r.gone(w.now()) {
			visit(&r.meta, r.Data)
		}
	}
}

func (k *kind[T]) save(c *call, id string) { k.put(c, k.in(c.w, k.scope(c)).byID[id]) }

func (k *kind[T]) replay(w *World, s scope, ch change) error {
	t := k.in(w, s)
	if ch.Put == nil {
		if r, ok := t.byID[ch.Delete]; ok {
			t.drop(r)
			r.DeletedAt = ch.At
			w.ledger.note(k.name, s, &r.meta, nameOf(&r.meta, r.Data))
		}
		return nil
	}
	r := new(row[T])
	if err := json.Unmarshal(ch.Put, r); err != nil {
		return fmt.Errorf("decode %s: %w", k.name, err)
	}
	t.put(r)
	w.seq = max(w.seq, r.Seq)
	if !k.hidden {
		w.ledger.note(k.name, s, &r.meta, nameOf(&r.meta, r.Data))
	}
	return nil
}

func (t *table[T]) put(r *row[T]) {
	if old, ok := t.byID[r.ID]; ok {
		t.drop(old)
	}
	t.byID[r.ID], t.ownerOf[r.ID] = r, r.Data.owner()
	t.ordered = insert(t.ordered, r)
	t.owned[r.Data.owner()] = insert(t.owned[r.Data.owner()], r)
}

func (t *table[T]) drop(r *row[T]) {
	owner := t.ownerOf[r.ID]
	delete(t.byID, r.ID)
	delete(t.ownerOf, r.ID)
	t.ordered = remove(t.ordered, r)
	if t.owned[owner] = remove(t.owned[owner], r); len(t.owned[owner]) == 0 {
		delete(t.owned, owner)
	}
}

func bySeq[T thing](r *row[T], seq uint64) int { return cmp.Compare(r.Seq, seq) }

func insert[T thing](rows []*row[T], r *row[T]) []*row[T] {
	i, _ := slices.BinarySearchFunc(rows, r.Seq, bySeq[T])
	return slices.Insert(rows, i, r)
}

func remove[T thing](rows []*row[T], r *row[T]) []*row[T] {
	if i, ok := slices.BinarySearchFunc(rows, r.Seq, bySeq[T]); ok {
		return slices.Delete(rows, i, i+1)
	}
	return rows
}

// nameOf is what people call a thing.
func nameOf(m *meta, t thing) string {
	if name := m.Tags["Name"]; name != "" {
		return name
	}
	if n, ok := t.(named); ok && n.name() != "" {
		return n.name()
	}
	return "?"
}

// sortedKinds is every kind, by name.
func sortedKinds() []anyKind {
	var all []anyKind
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		all = append(all, kinds[name])
	}
	return all
}
