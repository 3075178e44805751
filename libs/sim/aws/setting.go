package aws

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// setting is how a world was told to differ from AWS on a good day.
type setting struct{ Value int64 }

func (s setting) owner() string                      { return "" }
func (s setting) text(func(id string) string) string { return strconv.FormatInt(s.Value, 10) }

var settings = register(kind[setting]{name: "Setting", shared: true, hidden: true})

// set keeps a setting, and lets what depends on it happen.
func (w *World) set(name string, value int64, then func(*call)) error {
	w.enter()
	defer w.mu.Unlock()
	c := w.by(byAWS, scope{})
	settings.create(c, name, setting{value}, nil)
	if then != nil {
		then(c)
	}
	return c.keep()
}

// setting finds what was set; otherwise what holds without.
func (w *World) setting(name string, otherwise int64) int64 {
	if r, ok := settings.in(w, scope{}).byID[name]; ok {
		return r.Data.Value
	}
	return otherwise
}

// plenty is the capacity of a zone of which nobody said how much there is.
const plenty = 1 << 20

func capacityName(zone, instanceType string) string { return "capacity/" + zone + "/" + instanceType }

// SetCapacity says how many more instances of a type a zone ("eu-central-1a") has room for. When it is used up AWS answers
// InsufficientInstanceCapacity, and Auto Scaling groups turn to other zones and types. Groups that lack instances try again
// at once. It fails only on a journal that cannot be written.
func (w *World) SetCapacity(zone, instanceType string, instances int) error {
	return w.set(capacityName(zone, instanceType), int64(instances), func(c *call) { c.balanceAll() })
}

// SetProfileDelay says how long a new instance profile is unknown to RunInstances, unscaled. It is
// Latency("InstanceProfile/usable") otherwise. It fails only on a journal that cannot be written.
func (w *World) SetProfileDelay(delay time.Duration) error {
	return w.set("profile-delay", int64(delay), nil)
}

// balanceAll lets every Auto Scaling group of every account make what it lacks.
func (c *call) balanceAll() {
	account, region := c.Account, c.Region
	defer func() { c.Account, c.Region = account, region }()
	scopes := map[string]scope{}
	for at := range c.w.tables {
		if at.kind == autoScalingGroups.name {
			scopes[at.Account+"/"+at.Region] = at.scope
		}
	}
	for _, key := range slices.Sorted(maps.Keys(scopes)) {
		c.Account, c.Region = scopes[key].Account, scopes[key].Region
		for _, g := range autoScalingGroups.list(c) {
			c.balance(g)
		}
	}
}
