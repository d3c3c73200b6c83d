from lib_api import *
d=abox('b1'); run(d,'sync')
shutil.copy(d+'/connector.db',ROOT+'/api.db')
print(q(d,"select count(*) from task"), q(d,"select t.source_id,v.* from task t join task_version v on v.task_id=t.id and v.until is null limit 6"))
print([c[1] for c in q(d,"pragma table_info(task_version)")])
print(q(d,"select v.status,count(*) from task t join task_version v on v.task_id=t.id and v.until is null group by 1"))
