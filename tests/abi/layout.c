/* Prints where every member of every public struct stands: "struct size", then "member offset
 * size". Fails when a struct's members do not fill it: one is missing from structs.inc. It also
 * makes the compiler lay out every struct, which is when -Wpadded speaks. */
#include <postern/plugin.h>
#include <stdio.h>

int main(void) {
    size_t covered = 0;
    int missing = 0;
#define STRUCT(type)                                  \
    printf("%s %u\n", #type, (unsigned)sizeof(type)); \
    covered = 0;
#define MEMBER(type, member)                                          \
    printf("  %s %u %u\n", #member, (unsigned)offsetof(type, member), \
           (unsigned)POSTERN_SIZEOF(type, member));                   \
    covered += POSTERN_SIZEOF(type, member);
#define END(type)                                                                          \
    if (covered != sizeof(type)) {                                                         \
        fprintf(stderr, "structs.inc: %s has members that are not listed there\n", #type); \
        missing = 1;                                                                       \
    }
#include "structs.inc"
    return missing;
}
