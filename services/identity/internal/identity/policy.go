package identity

import "strings"

// Policy is a policy document with a name of letters and digits.
type Policy struct {
	Name     string
	Document Document
}

// join merges policies into one document. The id of each statement starts with the name of its policy, so that the
// document shows the purpose of each statement.
func join(policies []Policy) Document {
	var joined Document
	for _, policy := range policies {
		for _, statement := range policy.Document.Statements {
			statement.ID = policy.Name + statement.ID
			joined.Statements = append(joined.Statements, statement)
		}
	}
	return joined
}

// scope limits the policies to the resources of one cluster in its region. A create must add the tag of the cluster; a
// change is allowed only for a resource that has the tag.
type scope struct{ region, cluster string }

// tag returns the key of the tag that the controllers of the cluster add to the resources that they create.
func (s scope) tag() string { return "kubernetes.io/cluster/" + s.cluster }

// arn returns the ARN pattern of all resources of a resource type in the region, in any account: a role can act
// only in its own account.
func (s scope) arn(service, resourceType string) string {
	return strings.Join([]string{"arn", Partition(s.region), service, s.region, "*", resourceType + "/*"}, ":")
}

// Partition returns the partition of a region, as it stands in ARNs.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// requested returns the condition that the request adds the tag of the cluster.
func (s scope) requested() map[string]Operands {
	return map[string]Operands{"StringEquals": {"aws:RequestTag/" + s.tag(): {"owned"}}}
}

// owned returns the condition that the resource has the tag of the cluster.
func (s scope) owned() map[string]Operands {
	return map[string]Operands{"StringEquals": {"aws:ResourceTag/" + s.tag(): {"owned"}}}
}

// ofCluster returns the condition that Skep created the resource for the cluster.
func (s scope) ofCluster() map[string]Operands {
	return map[string]Operands{"StringEquals": {"aws:ResourceTag/skep.dev/cluster": {s.cluster}}}
}

// creating returns the condition that one of the actions in creates adds the tag of the cluster. Without it, a
// machine could tag a foreign resource later and so gain access to it. The key is the condition key with the
// name of the creating action.
func (s scope) creating(key string, creates ...string) map[string]Operands {
	conditions := s.requested()
	conditions["StringEquals"][key] = creates
	return conditions
}

// anywhere is the resource pattern for actions without resource-level permissions.
var anywhere = []string{"*"}
