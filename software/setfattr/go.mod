module kfs.local/software/setfattr

go 1.26.0
