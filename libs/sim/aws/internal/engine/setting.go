package engine

import "strconv"

// setting is a value that a test sets to make the simulation differ from AWS on a good day.
type setting struct{ Value int64 }

// Owner implements Attributes.
func (s setting) Owner() string { return "" }

// Summary implements Attributes.
func (s setting) Summary(func(id string) string) string { return strconv.FormatInt(s.Value, 10) }

var settings = NewType[setting](Type{Name: "Setting", Shared: true, Hidden: true})

// Set stores a setting. It shows in every account and region.
func (c *Call) Set(name string, value int64) { settings.Create(c, name, setting{value}, nil) }

// Setting returns a setting, or the default if it was never set.
func (c *Call) Setting(name string, otherwise int64) int64 {
	if r, ok := settings.Find(c, name); ok {
		return r.Data.Value
	}
	return otherwise
}

// Spend lowers a setting, if it was set.
func (c *Call) Spend(name string, by int64) {
	if r, ok := settings.Find(c, name); ok {
		r.Data.Value -= by
		settings.Put(c, r)
	}
}
