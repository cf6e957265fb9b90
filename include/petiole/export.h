/* Visibility and warnings of the public declarations. */
#ifndef PETIOLE_EXPORT_H
#define PETIOLE_EXPORT_H

#if defined(__GNUC__) || defined(__clang__)
#define PTL_API __attribute__((visibility("default")))
#define PTL_MUST_USE __attribute__((warn_unused_result))
#define PTL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define PTL_API
#define PTL_MUST_USE
#define PTL_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
#define PTL_BEGIN_DECLS extern "C" {
#define PTL_END_DECLS }
#else
#define PTL_BEGIN_DECLS
#define PTL_END_DECLS
#endif

#endif
