package graph

// Contained is implemented by resources that go with one of those they need, such
// as a route with its table. When everything goes, no call is made for them: they
// are forgotten once what contains them is gone. Where only they go, they are
// deleted like any other.
type Contained interface {
	// Container is the kind of the need that takes the thing along. Holds says
	// that AWS keeps whatever else the thing needs for as long as the container is
	// there: a security group whose rules name another keeps that other.
	Container() (kind string, holds bool)
}

// removal is what everything that goes waits for.
type removal struct {
	entries []Entry
	// after are, by name, the names of what must be gone before.
	after map[string][]string
	// container is, by name, what takes a contained thing along.
	container map[string]string
}

// plan orders the removal of entries: each after everything that needed it, and
// if everything goes, what is contained with its container.
func (p Walk) plan(entries []Entry, everything bool) removal {
	r := removal{entries: entries, after: make(map[string][]string), container: make(map[string]string)}
	for _, e := range entries {
		for _, need := range e.Needs {
			r.after[need] = append(r.after[need], e.Name)
		}
	}
	if !everything {
		return r
	}
	for _, e := range entries {
		empty := p.Factories[TypeOf(e.Name)]
		if empty == nil {
			continue
		}
		if contained, ok := empty().(Contained); ok {
			r.contain(e, contained)
		}
	}
	return r
}

// contain lets e go with its container, unless that would make things wait for
// one another in a circle, as security groups that refer to each other would.
func (r removal) contain(e Entry, contained Contained) {
	kind, holds := contained.Container()
	container := r.find(e.Needs, kind)
	if container == "" || e.State == Absent || e.State == Refused {
		return
	}
	for _, need := range e.Needs {
		if holds && need != container && r.waits(container, need) {
			return
		}
	}
	for _, before := range r.after[e.Name] {
		if r.waits(before, container) {
			return
		}
	}
	r.after[container] = append(r.after[container], r.after[e.Name]...)
	for _, need := range e.Needs {
		r.after[need] = without(r.after[need], e.Name)
		if holds && need != container {
			r.after[need] = append(r.after[need], container)
		}
	}
	r.after[e.Name] = append(r.after[e.Name], container)
	r.container[e.Name] = container
}

// find is the first of these names that is of a kind and goes as well.
func (r removal) find(names []string, kind string) string {
	for _, name := range names {
		for _, e := range r.entries {
			if e.Name == name && TypeOf(name) == kind {
				return name
			}
		}
	}
	return ""
}

// waits reports whether one thing waits for another, by whatever way.
func (r removal) waits(one, other string) bool {
	seen := make(map[string]bool)
	var search func(name string) bool
	search = func(name string) bool {
		for _, before := range r.after[name] {
			if before == other {
				return true
			}
			if !seen[before] {
				seen[before] = true
				if search(before) {
					return true
				}
			}
		}
		return false
	}
	return search(one)
}

func without(names []string, name string) []string {
	var others []string
	for _, other := range names {
		if other != name {
			others = append(others, other)
		}
	}
	return others
}
