// Lets an addon written for Node-API 10 run on a host that has Node-API 9 (Node 20, Electron 33).
//
// Node-API 10 allows references to every kind of value; Node-API 9 allows objects, functions, symbols and externals
// only, and an addon that ignores the refusal reads freed memory. Here any other value is held in an object of one
// property, and taken out again when the reference is read. Force-included with -include before the addon's sources.
#pragma once

#include <node_api.h>

#include <mutex>
#include <shared_mutex>
#include <unordered_set>

namespace atek_napi9 {

// Which references hold a box. One addon may serve several threads (workers), each with its own napi_env.
class BoxedReferences {
 public:
  void Add(napi_ref ref) {
    std::unique_lock<std::shared_mutex> guard(mutex_);
    refs_.insert(ref);
  }
  void Remove(napi_ref ref) {
    std::unique_lock<std::shared_mutex> guard(mutex_);
    refs_.erase(ref);
  }
  bool Has(napi_ref ref) {
    std::shared_lock<std::shared_mutex> guard(mutex_);
    return refs_.count(ref) != 0;
  }

 private:
  std::shared_mutex mutex_;
  std::unordered_set<napi_ref> refs_;
};

// Never destroyed: finalizers still run after the statics of the library are gone.
inline BoxedReferences& Boxed() {
  static BoxedReferences* boxed = new BoxedReferences();
  return *boxed;
}

inline napi_status CreateReference(napi_env env, napi_value value, uint32_t count, napi_ref* result) {
  napi_valuetype type;
  napi_status status = napi_typeof(env, value, &type);
  if (status != napi_ok) return status;
  if (type == napi_object || type == napi_function || type == napi_symbol || type == napi_external) {
    return napi_create_reference(env, value, count, result);
  }
  napi_value box;
  if ((status = napi_create_object(env, &box)) != napi_ok) return status;
  if ((status = napi_set_element(env, box, 0, value)) != napi_ok) return status;
  if ((status = napi_create_reference(env, box, count, result)) != napi_ok) return status;
  Boxed().Add(*result);
  return napi_ok;
}

inline napi_status GetReferenceValue(napi_env env, napi_ref ref, napi_value* result) {
  napi_status status = napi_get_reference_value(env, ref, result);
  // An empty result is a weak reference whose value was collected.
  if (status != napi_ok || *result == nullptr || !Boxed().Has(ref)) return status;
  return napi_get_element(env, *result, 0, result);
}

inline napi_status DeleteReference(napi_env env, napi_ref ref) {
  // Forgotten first: the address may be given to the next reference at once, on another thread.
  Boxed().Remove(ref);
  return napi_delete_reference(env, ref);
}

}  // namespace atek_napi9

#define napi_create_reference atek_napi9::CreateReference
#define napi_get_reference_value atek_napi9::GetReferenceValue
#define napi_delete_reference atek_napi9::DeleteReference
