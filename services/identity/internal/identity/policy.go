package identity

import "strings"

// Policy is a policy document with a name, which may hold letters and digits only.
type Policy struct {
	Name     string
	Document Document
}

// join makes one document of several policies. A statement is called by the policy
// that it comes from and its own id, so that the document still says what is for whom.
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

// scope is what the machines of a cluster may reach: what carries the cluster's
// tag, in its region. IAM lets a request make something only if it gives the tag,
// and change something only if it has the tag.
type scope struct{ region, cluster string }

// tag is the tag that the cluster's own controllers put on what they make.
func (s scope) tag() string { return "kubernetes.io/cluster/" + s.cluster }

// arn names all things of a kind in the region, in any account: a role acts in
// its own only.
func (s scope) arn(service, kind string) string {
	return strings.Join([]string{"arn", Partition(s.region), service, s.region, "*", kind + "/*"}, ":")
}

// Partition is the part of AWS that a region is in, as ARNs name it.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// requested asks that a request gives the cluster's tag.
func (s scope) requested() map[string]Operands {
	return map[string]Operands{"StringEquals": {"aws:RequestTag/" + s.tag(): {"owned"}}}
}

// owned asks that the thing that is changed carries the cluster's tag.
func (s scope) owned() map[string]Operands {
	return map[string]Operands{"StringEquals": {"aws:ResourceTag/" + s.tag(): {"owned"}}}
}

// ofCluster asks that the thing was made by Skep for the cluster.
func (s scope) ofCluster() map[string]Operands {
	return map[string]Operands{"StringEquals": {"aws:ResourceTag/skep.dev/cluster": {s.cluster}}}
}

// creating asks that tags are given by a create, and by nothing later: no machine
// can tag something of another's into its own.
func (s scope) creating(key string, creates ...string) map[string]Operands {
	conditions := s.requested()
	conditions["StringEquals"][key] = creates
	return conditions
}

// anywhere is for actions that IAM cannot confine to a thing: they only read.
var anywhere = []string{"*"}
