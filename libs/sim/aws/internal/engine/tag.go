package engine

import (
	"strings"
	"unicode/utf8"
)

// tagQuota is the quota of tags that a user may write on one resource.
const tagQuota = "TagsPerResource"

// ReservedTag reports whether only AWS itself may write a tag key.
func ReservedTag(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }

// ErrReservedTag is the error for a tag key that only AWS itself may write.
var ErrReservedTag = Refuse("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")

// CheckTags checks the restrictions on tags that all services share.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
func (c *Call) CheckTags(tags map[string]string) error {
	for key, value := range tags {
		switch {
		case ReservedTag(key):
			return ErrReservedTag
		case key == "" || utf8.RuneCountInString(key) > 128:
			return Refuse("InvalidParameterValue", "Tag key '%s' exceeds the limit of 128 characters, or is empty", key)
		case utf8.RuneCountInString(value) > 256:
			return Refuse("InvalidParameterValue", "Tag value exceeds the limit of 256 characters")
		}
	}
	return c.CheckQuota(tagQuota, len(tags)-1, "TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
}

// VisibleTags returns the tags of a resource as reads show them: the former tags until the lag of tags has passed.
func (c *Call) VisibleTags(m *Metadata) map[string]string {
	if !m.TaggedAt.IsZero() && c.Now().Before(m.TaggedAt.Add(c.engine.scaled(c.engine.options.TagLag))) {
		return m.FormerTags
	}
	return m.Tags
}

// TagsVisible reports whether reads by tag find a resource yet.
func (c *Call) TagsVisible(m *Metadata) bool {
	return !c.Now().Before(m.CreatedAt.Add(c.engine.scaled(c.engine.options.TagLag)))
}
