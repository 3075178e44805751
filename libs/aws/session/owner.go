package session

import "strings"

// Tag keys of Skep. They are reserved: no user tag may begin with TagPrefix.
const (
	// TagPrefix begins every tag key of Skep's own.
	TagPrefix = "skep.dev/"
	// TagInstallation says which installation of Skep made a thing. Another
	// installation never touches it.
	TagInstallation = TagPrefix + "installation"
	// TagOrganization says for which organization.
	TagOrganization = TagPrefix + "organization"
	// TagCluster holds the uid of the cluster, which no other cluster ever has.
	TagCluster = TagPrefix + "cluster"
	// TagResource names the thing: the API resource and the name within it.
	TagResource = TagPrefix + "resource"
	// TagIntent holds the token of the create, to find what a lost answer made.
	TagIntent = TagPrefix + "intent"
)

// Tag is one key and value.
type Tag struct{ Key, Value string }

// Owner says whose the things in AWS are. Every thing carries its tags from the
// call that creates it; none is ever added afterwards.
type Owner struct {
	// Installation is the id of this installation of Skep.
	Installation string
	// Organization is the id of the organization.
	Organization string
	// Cluster is the uid of the cluster and ClusterName its id, for people.
	Cluster     string
	ClusterName string
	// Component is the API resource within the organization, such as `networks/orchid`.
	Component string
}

// Tags are the tags of one thing. Extra tags cannot shadow Skep's own, nor one another.
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

// KubernetesTag is what in-cluster controllers find the cluster's things by.
// It carries the uid, so that two clusters of one name never meet.
func (o Owner) KubernetesTag(ownership string) Tag {
	return Tag{"kubernetes.io/cluster/" + o.Cluster, ownership}
}
