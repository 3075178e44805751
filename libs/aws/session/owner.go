package session

import "strings"

// The tag keys of Skep. They are reserved: no user tag may begin with TagPrefix.
const (
	// TagPrefix is the prefix of every tag key of Skep.
	TagPrefix = "skep.dev/"
	// TagInstallation holds the id of the installation that created the resource. Other installations never change
	// it.
	TagInstallation = TagPrefix + "installation"
	// TagOrganization holds the id of the organization.
	TagOrganization = TagPrefix + "organization"
	// TagCluster holds the uid of the cluster, which no other cluster ever has.
	TagCluster = TagPrefix + "cluster"
	// TagResource names the resource: the API object and the name of the resource within it.
	TagResource = TagPrefix + "resource"
	// TagIntent holds the token of the create. It finds the resource whose create had no answer.
	TagIntent = TagPrefix + "intent"
)

// Tag is one tag: key and value.
type Tag struct{ Key, Value string }

// Owner identifies the owner of AWS resources. Each resource carries the tags of its owner from the create call on;
// none is added later.
type Owner struct {
	// Installation is the id of this installation of Skep.
	Installation string
	// Organization is the id of the organization.
	Organization string
	// Cluster is the uid of the cluster; ClusterName is its id, for people who read the tags.
	Cluster     string
	ClusterName string
	// Component is the API object within the organization, such as `networks/orchid`.
	Component string
}

// Tags returns the tags of one resource. Extra tags cannot replace the tags of Skep, nor one another.
func (o Owner) Tags(name, token string, extra ...Tag) []Tag {
	tags := []Tag{
		{"Name", o.ClusterName + "/" + name},
		{TagInstallation, o.Installation},
		{TagOrganization, o.Organization},
		{TagCluster, o.Cluster},
		{TagResource, o.Component + "/" + name},
		{TagIntent, token},
	}
	reserved := make(map[string]bool, len(tags))
	for _, tag := range tags {
		reserved[tag.Key] = true
	}
	for _, tag := range extra {
		if !reserved[tag.Key] && !strings.HasPrefix(tag.Key, TagPrefix) {
			tags = append(tags, tag)
		}
		reserved[tag.Key] = true
	}
	return tags
}

// KubernetesTag returns the tag by which controllers in the cluster find its resources. It contains the uid, so two
// clusters of one name never share a resource.
func (o Owner) KubernetesTag(ownership string) Tag {
	return Tag{"kubernetes.io/cluster/" + o.Cluster, ownership}
}
