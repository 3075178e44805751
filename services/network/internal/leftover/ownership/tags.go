package ownership

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/session"
)

// Tags are the tags of one resource.
type Tags map[string]string

// EC2Tags returns the tags of a resource of EC2.
func EC2Tags(list []ec2types.Tag) Tags {
	all := make(Tags, len(list))
	for _, tag := range list {
		all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return all
}

// The tags with which controllers in a cluster, and AWS, mark the resources that they
// create. Every controller knows the cluster by its uid, so that resources of two clusters
// with the same name stay apart.
const (
	tagLegacyCluster  = "KubernetesCluster"
	tagLoadBalancing  = "elbv2.k8s.aws/cluster"
	tagPodInterfaces  = "cluster.k8s.amazonaws.com/name"
	tagPodInstance    = "node.k8s.amazonaws.com/instance_id"
	tagNodePool       = "karpenter.sh/nodepool"
	tagCilium         = "io.cilium/cilium-managed"
	tagGuardDuty      = "GuardDutyManaged"
	tagService        = "kubernetes.io/service-name"
	tagClaim          = "kubernetes.io/created-for/pvc/name"
	tagClaimNamespace = "kubernetes.io/created-for/pvc/namespace"
	tagStackOfService = "service.k8s.aws/stack"
	tagStackOfIngress = "ingress.k8s.aws/stack"
)

// TagFilters are the filters of DescribeTags that list the tags with which Skep and the
// controllers mark the resources of the cluster.
func (c Cluster) TagFilters() []ec2types.Filter {
	return []ec2types.Filter{
		{Name: aws.String("key"), Values: []string{session.TagCluster, c.KubernetesTag("").Key, tagLegacyCluster, tagLoadBalancing, tagPodInterfaces}},
		{Name: aws.String("value"), Values: []string{c.UID(), "owned"}},
	}
}

// IsPodInterface reports whether tags and description are those of a network interface that
// the Amazon VPC CNI created for pods.
func IsPodInterface(t Tags, description string) bool {
	return t[tagPodInstance] != "" && strings.HasPrefix(description, "aws-K8S-")
}
