package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Nodes that no Auto Scaling group knows, and the disks of pods.
var machineFixtures = []Fixture{
	{Name: "instance of Karpenter", create: newKarpenter},
	{Name: "volume of the EBS CSI driver", Data: true, create: newVolume},
}

// newKarpenter is a node with an interface for pods that goes with it, and a volume of a pod that does not.
// https://karpenter.sh/docs/concepts/nodeclasses/#spectags
func newKarpenter(s *site, suffix string) error {
	tags := s.ownedTags(map[string]string{"Name": "karpenter-" + suffix, "karpenter.sh/nodepool": "default", "karpenter.k8s.aws/ec2nodeclass": "default"})
	return s.newInstance(tags, s.nodeGroup())
}

// newInstance launches a small machine into a private subnet.
func (s *site) newInstance(tags map[string]string, group string) error {
	catalogue := imagesOf(s.Region)
	_, err := runInstances(s.Call, &ec2.RunInstancesInput{
		ImageId: &catalogue[len(catalogue)-2].ID, InstanceType: "m6i.large", MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		NetworkInterfaces: []types.InstanceNetworkInterfaceSpecification{{DeviceIndex: aws.Int32(0), SubnetId: &s.privateSubnets()[0], Groups: []string{group}}},
		TagSpecifications: tagSpecification(types.ResourceTypeInstance, tags),
	})
	return err
}

// newVolume is the disk behind a PersistentVolumeClaim.
// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
func newVolume(s *site, suffix string) error {
	subnet, _ := subnets.Find(s.Call, s.privateSubnets()[0])
	v, err := disk(subnet.Data.Zone, types.VolumeTypeGp3, aws.Int32(100), nil, nil, aws.Bool(true), nil)
	if err != nil {
		return err
	}
	volumes.Create(s.Call, "", v, s.ownedTags(map[string]string{
		"Name": s.Cluster + "-dynamic-pvc-" + suffix, "CSIVolumeName": "pvc-" + suffix, "ebs.csi.aws.com/cluster": "true",
		"kubernetes.io/created-for/pvc/namespace": "default", "kubernetes.io/created-for/pvc/name": "data-" + suffix, "kubernetes.io/created-for/pv/name": "pvc-" + suffix,
	}))
	return nil
}
