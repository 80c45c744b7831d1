// Package manifests checks deploy/kubernetes and deploy/compose.yaml without a cluster. It has a module of its own, because it validates with the
// code of the Kubernetes API server. TestManifests in the root folder runs its tests.
package manifests

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install" // registers its types and their defaults
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	policyvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
)

// A workload is what runs pods.
type workload struct {
	metav1.ObjectMeta
	selector *metav1.LabelSelector
	pod      corev1.PodTemplateSpec
	claims   []corev1.PersistentVolumeClaim
	service  string // of a StatefulSet
}

// A set is the objects of a folder, with the API server's defaults.
type set struct {
	workloads []workload
	services  []*corev1.Service
	configs   map[string]*corev1.ConfigMap
	secrets   map[string]*corev1.Secret
	budgets   []*policyv1.PodDisruptionBudget
	policies  []*networkingv1.NetworkPolicy
	ingresses []*networkingv1.Ingress
	problems  []string
}

func (s *set) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

var strict = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// decode reads the documents of a file. Unknown and repeated fields are problems, and so is all that the API server would reject.
func (s *set) decode(file string, text []byte) {
	for documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text))); ; {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.problem("%s: %v", file, err)
			return
		}
		object, _, err := strict.Decode(document, nil, nil)
		if err != nil {
			s.problem("%s: %v", file, err)
			continue
		}
		legacyscheme.Scheme.Default(object)
		s.add(file, object)
		for _, err := range validate(object) {
			s.problem("%s: %v", file, err)
		}
	}
}

func (s *set) add(file string, object runtime.Object) {
	switch o := object.(type) {
	case *appsv1.Deployment:
		s.workloads = append(s.workloads, workload{o.ObjectMeta, o.Spec.Selector, o.Spec.Template, nil, ""})
	case *appsv1.StatefulSet:
		s.workloads = append(s.workloads, workload{o.ObjectMeta, o.Spec.Selector, o.Spec.Template, o.Spec.VolumeClaimTemplates, o.Spec.ServiceName})
	case *corev1.Service:
		s.services = append(s.services, o)
	case *corev1.ConfigMap:
		s.configs[o.Name] = o
	case *corev1.Secret:
		s.secrets[o.Name] = o
	case *policyv1.PodDisruptionBudget:
		s.budgets = append(s.budgets, o)
	case *networkingv1.NetworkPolicy:
		s.policies = append(s.policies, o)
	case *networkingv1.Ingress:
		s.ingresses = append(s.ingresses, o)
	default:
		s.problem("%s: a %T is not expected", file, o)
	}
}

// validate returns the errors of the API server for a new object.
func validate(object runtime.Object) field.ErrorList {
	object = object.DeepCopyObject()
	object.(metav1.Object).SetNamespace("waitboard") // as kubectl --namespace does
	switch o := object.(type) {
	case *appsv1.Deployment:
		return appsvalidation.ValidateDeployment(internal(o, &apps.Deployment{}), corevalidation.PodValidationOptions{})
	case *appsv1.StatefulSet:
		return appsvalidation.ValidateStatefulSet(internal(o, &apps.StatefulSet{}), appsvalidation.StatefulSetValidationOptions{}, corevalidation.PodValidationOptions{})
	case *corev1.Service:
		if o.Spec.ClusterIP == corev1.ClusterIPNone {
			o.Spec.ClusterIPs = []string{corev1.ClusterIPNone} // as the API server does
		}
		return corevalidation.ValidateServiceCreate(internal(o, &core.Service{}))
	case *corev1.ConfigMap:
		return corevalidation.ValidateConfigMap(internal(o, &core.ConfigMap{}))
	case *corev1.Secret:
		return corevalidation.ValidateSecret(internal(o, &core.Secret{}))
	case *policyv1.PodDisruptionBudget:
		return policyvalidation.ValidatePodDisruptionBudget(internal(o, &policy.PodDisruptionBudget{}), policyvalidation.PodDisruptionBudgetValidationOptions{})
	case *networkingv1.NetworkPolicy:
		return networkingvalidation.ValidateNetworkPolicy(internal(o, &networking.NetworkPolicy{}), networkingvalidation.NetworkPolicyValidationOptions{})
	case *networkingv1.Ingress:
		return networkingvalidation.ValidateIngressCreate(internal(o, &networking.Ingress{}))
	}
	return nil
}

// internal converts an object into the API server's own type.
func internal[T runtime.Object](from runtime.Object, to T) T {
	if err := legacyscheme.Scheme.Convert(from, to, nil); err != nil {
		panic(err)
	}
	return to
}
